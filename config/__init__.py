"""What administrators write: one strict YAML file, every problem at once with its place."""
