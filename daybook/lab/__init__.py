"""The mapping lab: a changed configuration tried before it counts, told in sums and never by person (P13)."""
