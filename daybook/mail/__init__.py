"""What leaves by mail, each to its own contributor and nobody else (P1), and what comes back."""
