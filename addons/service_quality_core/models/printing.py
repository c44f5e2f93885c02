"""Names what all prints share: fonts, and the parameter that says where Chromium is."""

FONTS = (
    "'Noto Sans CJK SC', 'Noto Sans SC', 'Source Han Sans SC', 'WenQuanYi Micro Hei'"
)
"""For what the company's font has no signs for: Chinese as it is written in China."""

CHROMIUM_PARAMETER = "service_quality_core.chromium_path"
