"""Several machines as processes: each is killed, frozen or cut off from the database, and nothing is lost."""
