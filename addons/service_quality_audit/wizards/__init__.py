from . import (
    copy_verification_lines,
    service_quality_measure_say,
    service_quality_nonconformity_say,
)
