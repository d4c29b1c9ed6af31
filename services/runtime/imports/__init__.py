"""Real input: files of somebody else's, through a mapping, into the incidents' log. docs/importing.md explains it."""
