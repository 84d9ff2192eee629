"""The screens: the wall and the desk. They read boards and the core's read side, never the network."""
