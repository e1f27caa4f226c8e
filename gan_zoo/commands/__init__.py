"""The shell's doors: everything with argv, help texts and exit codes."""
