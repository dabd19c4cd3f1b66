"""When a learner sees a word again: FSRS-6 and the policy around it. Pure: no Django, no clock."""
