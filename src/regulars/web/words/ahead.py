"""Words of the forecast."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

METHODS = {
    "combined": _("average of five methods"), "naive": _("the last value goes on"),
    "seasonal_naive": _("as one season ago"), "ses": _("smoothing"), "holt": _("smoothing with trend"),
    "damped": _("smoothing with fading trend"), "ets": _("smoothing, form by AICc (ETS)"), "theta": _("Theta"),
    "ets_season": _("smoothing with a season that moves"),
    "theta_optimised": _("Theta, curvature fitted"), "autoregression": _("its own last changes (ARIMA(p,1,0))"),
    "croston": _("Croston, for lumpy sales"), "sba": _("Croston corrected (SBA)"),
    "tsb": _("chance and size of a sale (TSB)"), "similar": _("how similar ones went after their start"),
}  # fmt: skip
MODELS = {"forecast": _("What comes next")}
PURPOSES = {
    "forecast": _("Foretells revenue, orders and new customers of the next 13 weeks, parts and wholes agreeing.")
}
METRICS = {
    "forecast_error": _("Error of the totals on weeks it had not seen (sMAPE)"),
    "forecast_error_parts": _("Error of channels, markets and products (sMAPE)"),
    "error_over_last": _("Error over that of repeating the last value"),
    "interval_coverage": _("Values inside the range told before them"),
}
TERMS = {
    "scaled_error": (
        _("Scaled error"),
        _("Mean error over the usual change from one period to the next (MASE); below 1 is better than repeating the "
          "last value one period ahead."),
    ),
    "reconciled": (
        _("Adds up"),
        _("Total and parts are foretold one by one and then moved as little as needed until they agree, those with "
          "large errors most (MinT)."),
    ),
}  # fmt: skip
WORDS: dict[str, tuple[object, ...]] = {
    "error_over_last": (
        _("Started at earlier weeks, its error was %(value)s times that of repeating the last value."), "decimal",
    ),
    "season_52": (_("The time of the year is clear in the past and part of the forecast."),),
    "season_12": (_("The time of the year is clear in the past and part of the forecast."),),
    "season_7": (_("The day of the week is clear in the past and part of the forecast."),),
    "season_365": (_("The time of the year is clear in the past and part of the forecast."),),
    "demand_lumpy": (_("Few and uneven sales: what is foretold is the average over time."),),
    "demand_intermittent": (_("Many periods without a sale: what is foretold is the average over time."),),
    "too_few_values": (_("Only one period so far: no range can be told."),),
    "too_short_to_test": (_("Too short a past to test the forecast; the range is that of the other series."),),
    "constant": (_("It has never changed so far."),),
    "gaps_bridged": (_("Missing periods were bridged by a straight line."),),
    "new_from_similar": (_("New: foretold from how similar ones went after their start."),),
}  # fmt: skip
OCCASIONS = {
    "618": _("618 shopping festival"), "double_11": _("Double 11"), "double_12": _("Double 12"),
    "double_10": _("Double Tenth"), "spring_festival": _("Spring Festival"), "new_year": _("New Year"),
    "lantern_festival": _("Lantern Festival"), "qingming": _("Qingming"), "labour_day": _("Labour Day"),
    "labor_day": _("Labour Day"), "dragon_boat": _("Dragon Boat Festival"), "mid_autumn": _("Mid-Autumn Festival"),
    "national_day": _("National Day"), "qixi": _("Qixi"),
    "christmas_day": _("Christmas"), "christmas": _("Christmas"), "thanksgiving": _("Thanksgiving"),
    "black_friday": _("Black Friday"), "cyber_monday": _("Cyber Monday"), "easter": _("Easter"),
    "valentines_day": _("Valentine's Day"), "may_20": _("520"), "womens_day": _("Women's Day"),
    "mothers_day": _("Mother's Day"), "fathers_day": _("Father's Day"), "boxing_day": _("Boxing Day"),
    "halloween": _("Halloween"),
    "spring_festival_shopping": _("Spring Festival shopping"), "golden_week": _("Golden Week"),
    "good_friday": _("Good Friday"), "easter_monday": _("Easter Monday"),
    "christmas_shopping": _("Christmas shopping"), "white_day": _("White Day"), "obon": _("Obon"),
    "independence_day": _("Independence Day"), "memorial_day": _("Memorial Day"),
    "mothering_sunday": _("Mothering Sunday"), "summer_sales": _("Summer sales"), "winter_sales": _("Winter sales"),
    "st_nicholas": _("St Nicholas"), "ascension": _("Ascension"), "assumption": _("Assumption"),
    "whit_monday": _("Whit Monday"), "all_saints": _("All Saints"), "armistice": _("Armistice Day"),
    "bastille_day": _("Bastille Day"), "german_unity_day": _("German Unity Day"),
    "presidents_day": _("Presidents' Day"), "martin_luther_king_day": _("Martin Luther King Day"),
    "juneteenth": _("Juneteenth"), "columbus_day": _("Columbus Day"), "veterans_day": _("Veterans Day"),
    "victory_day": _("Victory Day"), "early_may": _("Early May holiday"),
    "spring_bank_holiday": _("Spring bank holiday"), "summer_bank_holiday": _("Summer bank holiday"),
    "coming_of_age": _("Coming of Age Day"), "foundation_day": _("Foundation Day"),
    "emperors_birthday": _("Emperor's Birthday"), "vernal_equinox": _("Vernal equinox"),
    "autumnal_equinox": _("Autumnal equinox"), "marine_day": _("Marine Day"), "mountain_day": _("Mountain Day"),
    "respect_for_the_aged": _("Respect for the Aged Day"), "culture_day": _("Culture Day"),
    "labour_thanksgiving": _("Labour Thanksgiving Day"), "peace_day": _("Peace Memorial Day"),
    "sar_day": _("SAR Establishment Day"),
}  # fmt: skip
