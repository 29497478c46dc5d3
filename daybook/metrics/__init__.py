"""Figures for Prometheus: of the machine as it is now, of what people did only what cannot be one person's.

A figure that is asked for every fifteen seconds is a record of when it changed. A counter of confirmations
would tell when somebody in a small team confirmed. So there are three kinds of figures, and no other:

    trouble   what waits for a tool or a person, fails, ends or is doubted: as it is, always
    rhythm    what the clock alone sets off, such as pulls: as it is, where enough people take part
    deeds     days and drafts: whole weeks, a week after them, and only weeks in which enough people took part

Enough is the policy's group size (P13). No label names a person, a partition, a posting, a project or a task.
"""
