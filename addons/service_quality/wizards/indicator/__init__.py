from . import (
    figure_take,
    measurement_correct,
    patrol_drop,
)
