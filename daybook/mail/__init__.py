"""What leaves by mail: the invitation and the daily digest, to their own contributor and nobody else (P1)."""
