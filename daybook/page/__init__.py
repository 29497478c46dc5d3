"""The page contributors look at their day on: plain forms, and a script that only adds speed."""
