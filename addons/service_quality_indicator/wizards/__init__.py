from . import (
    service_quality_figure_take,
    service_quality_indicator_target_end,
    service_quality_measurement_correct,
    service_quality_patrol_drop,
)
