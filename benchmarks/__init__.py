"""What the product costs, as ratios measured in one run; docs/performance.md reports them."""
