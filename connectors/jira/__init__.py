"""Jira Cloud, read and written as its contributors."""
