"""The page contributors look at their day on: plain forms, no script."""
