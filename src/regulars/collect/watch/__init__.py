"""What happens outside: competitors' prices, ranks and stock, news and demand, from files, feeds and pages."""
