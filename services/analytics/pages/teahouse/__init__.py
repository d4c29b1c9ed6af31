"""The teahouse."""
