"""Forecasts of one metric with intervals that come from its own past errors."""

from opslib.analysis.forecast.held_errors import was_surprised
from opslib.analysis.forecast.results import Backtest, Forecast, NoForecast
from opslib.analysis.forecast.series import forecast_series

__all__ = ["Backtest", "Forecast", "NoForecast", "forecast_series", "was_surprised"]
