"""Run folders as commands read them; each module loads no more than it needs."""
