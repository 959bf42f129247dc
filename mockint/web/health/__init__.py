"""What monitoring asks: is it alive, is it ready, how does it do."""
