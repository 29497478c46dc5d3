"""Translation: one folder for each outside tool. Never decides, never stores."""
