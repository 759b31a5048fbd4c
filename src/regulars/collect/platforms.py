"""Exports whose headers mean something else than their words: one entry per platform."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from regulars.collect.headers import normal


@dataclass(frozen=True)
class Platform:
    """An export known by headers it must have; ``fields`` overrules single headers."""

    name: str
    kind: str
    needs: tuple[str, ...]
    fields: dict[str, str] = field(default_factory=dict)
    zone: str = ""


PLATFORMS: Final = (
    Platform("shopify", "orders", ("Financial Status", "Lineitem name"),
             {"Name": "order_id", "Id": "ignore", "Lineitem price": "unit_price", "Source": "channel",
              "Location": "ignore",
              "Employee": "owner", "Vendor": "ignore", "Created at": "ordered_at", "Notes": "notes",
              "Billing Name": "name", "Discount Amount": "discount"}),
    Platform("shopify_customers", "people", ("Accepts Email Marketing", "Total Spent"), {"Note": "notes"}),
    Platform("stripe", "orders", ("Amount Refunded", "Customer ID", "Statement Descriptor"),
             {"id": "order_id", "Description": "product_title", "Converted Amount": "ignore", "Card Name": "name",
              "Converted Amount Refunded": "ignore", "Converted Currency": "ignore", "Invoice ID": "ignore",
              "PaymentIntent ID": "ignore", "Mode": "ignore", "Transfer": "ignore", "Destination": "ignore",
              "Payment Source Type": "payment_method"}, "UTC"),
    Platform("paypal", "orders", ("Gross", "Net", "Transaction ID"),
             {"Gross": "amount", "Net": "ignore", "Type": "type", "Name": "name", "From Email Address": "email",
              "To Email Address": "ignore", "Date": "ordered_at", "Time": "clock"}),
    Platform("square", "orders", ("Gross Sales", "Net Sales", "Transaction ID"),
             {"Net Total": "ignore", "Total Collected": "amount", "Net Sales": "ignore", "Gross Sales": "ignore",
              "Date": "ordered_at", "Time": "clock"}),
    Platform("square_items", "orders", ("Item", "Qty", "Gross Sales", "Transaction ID"),
             {"Net Sales": "line_amount", "Gross Sales": "ignore", "Date": "ordered_at", "Time": "clock"}),
    Platform("amazon", "orders", ("amazon-order-id", "purchase-date"),
             {"amazon-order-id": "order_id", "merchant-order-id": "ignore", "item-price": "line_amount"}),
    Platform("ebay", "orders", ("Sales Record Number", "Sold For"),
             {"Order Number": "order_id", "Sales Record Number": "ignore", "Sold For": "unit_price",
              "Total Price": "amount"}),
    Platform("outlook", "people", ("First Name", "Business Phone", "Home Phone"),
             {"Title": "name_prefix", "Account": "ignore"}),
    Platform("mailchimp", "people", ("Email Address", "LEID"), {"LEID": "customer_id"}),
)  # fmt: skip


def recognise(header: tuple[str, ...]) -> Platform | None:
    """The platform whose export this is, by its telling headers.

    >>> recognise(("Name", "Email", "Financial Status", "Lineitem name")).name
    'shopify'
    """
    keys = {normal(h).key for h in header}
    fitting = [p for p in PLATFORMS if all(normal(n).key in keys for n in p.needs)]
    return max(fitting, key=lambda p: len(p.needs), default=None)
