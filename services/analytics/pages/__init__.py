"""What people look at: the wall, the teahouse, figures, the map, the rooms of each role."""
