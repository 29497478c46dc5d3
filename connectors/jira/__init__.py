"""Jira, in the cloud or on servers of one's own, read and written as its contributors."""
