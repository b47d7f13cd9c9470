"""The box that student code runs in: outer box, zygote, supervisor and the layers of the child."""
