"""A made-up organisation on loopback: stand-ins for the outside tools, filled with one seeded team."""
