"""A population that lives an ordinary life, and the world that typologies are planted into."""
