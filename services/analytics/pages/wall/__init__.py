"""The wall: the building is the picture, the figures are the proof, the alerts are the work."""
