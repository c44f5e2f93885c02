# Where Odoo 19 comes from: ODOO_SOURCE, an importable one, or Debian's package.
# Sourced after system.sh.
#
# Odoo is not on the package index.  Debian's development suite has it as a
# package: it is downloaded and unpacked below .cache, never installed, by an apt
# with its own state, so that no right and no change to the system is needed.
ODOO_LANGS=${ODOO_LANGS:-zh_CN}
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# suite  package  version  sha256
DEBS='
sid odoo-19 19.0.0+dfsg-1 9d2f598b0555db17e291d48ed24df184c70823c053c4c5ed53c467ca7f629bbf
bookworm libjs-jquery 3.6.1+dfsg+~3.5.14-1 a58c9ff6afe96c769cb6535754c909410760e4efa1e1540236194e489adcfb25
bookworm libjs-underscore 1.13.4~dfsg+~1.11.4-3 4a0fbc90e7f62ea50c4ac7453352721fa60bb5eac87e9f39a027908faff29015
bookworm libjs-jquery-form 12-4 fbfeedcd3eaf519b3cdcc88e93a1c79f6775da71657bac763f1430fe66e8a1da
bookworm fonts-font-awesome 5.0.10+really4.7.0~dfsg-4.1 5f09e1adce26d59628a239c538882d53e58978b958233864fc617be9a510018e
bookworm fonts-roboto-unhinted 2:0~20170802-3 f89cf7d8a589489daecf750031ec50456ab3e648d49ff544f0f08753268fbd91
bookworm fonts-inconsolata 001.010-6 bb5015c631cd47aa7d9d6e0ecd101f0e1234300f935e7719ea32ed9b640f0ac4
sid fonts-montserrat 9.000-6 c5f603701f86661a7eed820ff0b0d19e0aa697b316053b7885cc7346370128c1
sid fonts-ocr-b 0.3.1~dfsg-2 c3760c25162b33ef4b19f0801a2ffbe956634c1fbbef42610c718edfb06baca9
'

private_apt() {
    local a=$CACHE/apt cmd=$1
    shift
    "$cmd" -o Dir::State="$a/state" -o Dir::State::status="$a/state/status" -o Dir::Cache="$a/cache" \
        -o Dir::Etc::sourcelist="$a/etc/sources.list" -o Dir::Etc::sourceparts="$a/etc/sources.list.d" \
        -o Dir::Etc::preferences="$a/etc/preferences" -o Dir::Etc::preferencesparts="$a/etc/preferences.d" \
        -o Dir::Cache::pkgcache=pkgcache.bin -o Dir::Cache::srcpkgcache= \
        -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none -o Acquire::Retries=3 "$@"
}

make_private_apt() {
    local a=$CACHE/apt mirror suite
    have apt-get && have dpkg-deb || die "Odoo 19 is taken from Debian's archive, which needs apt-get and dpkg-deb. Elsewhere set ODOO_SOURCE=/path/to/a/checkout/of/Odoo/19.0"
    [ -f "$KEYRING" ] || apt_install debian-archive-keyring || die "Debian's archive keys are missing; run as root: apt-get install debian-archive-keyring"
    mkdir -p "$a/etc/sources.list.d" "$a/etc/preferences.d" "$a/state/lists/partial" "$a/cache/archives/partial"
    : >"$a/state/status"
    : >"$a/etc/preferences"
    mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(CREATED_BY) $(RELEASE) $(SITE)' \
        | awk '$1 == "Packages" && $2 !~ /[-\/]/ {print $3; exit}')}
    # before the first update apt knows no targets: read its sources
    mirror=${mirror:-$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} 2>/dev/null \
        | awk '/^(deb |URIs:)/ {for (i = 2; i <= NF; i++) if ($i ~ /:\/\//) {print $i; exit}}')}
    [ -n "$mirror" ] || die "this machine's apt has no Debian mirror; set DEBIAN_MIRROR, or ODOO_SOURCE=/path/to/Odoo/19.0"
    : >"$a/etc/sources.list"
    for suite in sid bookworm; do
        echo "deb [signed-by=$KEYRING] $mirror $suite main" >>"$a/etc/sources.list"
    done
    private_apt apt-get update -qq >"$LOG/apt-private.log" 2>&1 \
        || { tail -5 "$LOG/apt-private.log" >&2; die "cannot read the archive's suites sid and bookworm; set DEBIAN_MIRROR, or ODOO_SOURCE=/path/to/Odoo/19.0"; }
}

# fetch_deb SUITE NAME VERSION SHA256 -> path in $DEB.  The version "any" and an
# empty sum leave the check to the archive's signature.
fetch_deb() {
    local suite=$1 name=$2 version=$3 sha=$4 dir=$CACHE/debs file got
    mkdir -p "$dir"
    DEB=$dir/$name.deb
    if [ -n "$sha" ] && [ -f "$DEB" ] && [ "$(sha256sum <"$DEB")" = "$sha  -" ]; then return; fi
    [ -n "${apt_ready:-}" ] || { make_private_apt; apt_ready=1; }
    rm -rf "$dir/part"
    mkdir -p "$dir/part"
    if [ "$version" = any ] \
        || ! (cd "$dir/part" && private_apt apt-get download -qq "$name=$version") >>"$LOG/apt-private.log" 2>&1; then
        # the archive has moved on; apt checks what it has now against its signed index
        (cd "$dir/part" && private_apt apt-get download -qq "$name/$suite") >>"$LOG/apt-private.log" 2>&1 \
            || die "cannot download the Debian package $name (.cache/log/apt-private.log); or set ODOO_SOURCE=/path/to/Odoo/19.0"
        file=$(echo "$dir"/part/*.deb)
        got=$(dpkg-deb -f "$file" Version)
        [ "$version" = any ] || say "NOTE: $name $version is gone from the archive; taking $got, whose signature apt has verified"
        case $name,$got in
            odoo-19,19.0.*) ;;
            odoo-19,*) die "the archive's odoo-19 is $got, not a 19.0; set ODOO_SOURCE=/path/to/Odoo/19.0" ;;
        esac
        sha=
    fi
    file=$(echo "$dir"/part/*.deb)
    got=$(sha256sum <"$file")
    got=${got%% *}
    [ -z "$sha" ] || [ "$got" = "$sha" ] || { rm -rf "$dir/part"; die "$name: sha256 is $got, expected $sha"; }
    mv "$file" "$DEB"
    rmdir "$dir/part"
}

# unpack_odoo ODOO_DEB DEB...  Of the package's 1.1 GB, 0.8 GB are translations:
# a second tar reads the same stream for the few that are kept.
unpack_odoo() {
    local new=$CACHE/odoo.new fifo=$CACHE/odoo.fifo lang pats=() job deb
    rm -rf "$new" "$fifo"
    mkdir -p "$new"
    mkfifo "$fifo"
    for lang in ${ODOO_LANGS//,/ }; do pats+=("*/i18n/$lang.po" "*/i18n/${lang%%_*}.po"); done
    tar -x -C "$new" --no-same-owner --wildcards -f "$fifo" "${pats[@]}" 2>/dev/null &
    job=$!
    # dist-packages/addons is a second copy of Odoo's python files
    dpkg-deb --fsys-tarfile "$1" | tee "$fifo" | tar -x -C "$new" --no-same-owner \
        --exclude='./usr/lib/python3/dist-packages/addons' --exclude='./usr/lib/python3/dist-packages/setup' \
        --exclude='*/i18n/*.po' --exclude=./etc --exclude=./usr/lib/systemd
    wait "$job" || true            # tar says 2 when a language is not there
    rm -f "$fifo"
    shift
    for deb; do dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$new" --no-same-owner; done
    mend_odoo "$new"
}

# What the package leaves to the rest of a Debian system, or has wrong.
mend_odoo() {
    local new=$1 odoo=$1/usr/lib/python3/dist-packages/odoo fonts link kind lost script
    # absolute links would leave the unpacked tree
    find "$new" -type l -lname '/*' -print0 | while IFS= read -r -d '' link; do
        ln -sfnr "$new$(readlink "$link")" "$link"
    done
    # the package has these two the wrong way round
    fonts=$odoo/addons/web/static/lib/fontawesome/fonts
    for kind in woff woff2; do
        [ ! -L "$fonts/fontawesome-webfont.$kind" ] \
            || ln -sfnr "$new/usr/share/fonts-font-awesome/fonts/fontawesome-webfont.$kind" "$fonts/fontawesome-webfont.$kind"
    done
    # left out of the package (no source); the web client's bundle names it
    script=$odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js
    [ -e "$script" ] || { mkdir -p "$(dirname "$script")"; echo '// not shipped by Debian' >"$script"; }
    lost=$(find "$new" -xtype l | sed "s|^$new||")
    [ -z "$lost" ] || die "links in the unpacked Odoo lead nowhere: $lost"
    [ -f "$odoo/release.py" ] || die "the odoo-19 package has an unknown layout"
}

# An Odoo that this machine has already, as in the official container image.
importable_odoo() {
    "$PY" - "$CACHE" <<'PY' 2>/dev/null
import os
import sys

import odoo.release

where = os.path.dirname(os.path.dirname(os.path.abspath(odoo.release.__file__)))
sys.exit(odoo.release.version_info[:2] != (19, 0) or where.startswith(sys.argv[1]) or print(where))
PY
}

step_odoo() {
    if [ -n "${ODOO_SOURCE:-}" ]; then
        [ -f "$ODOO_SOURCE/odoo/release.py" ] || die "ODOO_SOURCE=$ODOO_SOURCE has no odoo/release.py"
        ODOO_PATH=$(cd "$ODOO_SOURCE" && pwd -P)
        grep -q '^version_info = (19,' "$ODOO_PATH/odoo/release.py" || die "ODOO_SOURCE=$ODOO_SOURCE is not Odoo 19"
        return
    fi
    ! ODOO_PATH=$(importable_odoo) || return 0
    ODOO_PATH=$CACHE/odoo/usr/lib/python3/dist-packages
    local stamp suite name version sha main= debs=()
    stamp="1 $ODOO_LANGS $(echo "$DEBS" | sha256sum)"
    [ "$(cat "$CACHE/odoo/.stamp" 2>/dev/null)" != "$stamp" ] || return 0
    say "Odoo 19 from Debian's package (about 150 MB)"
    while read -r suite name version sha; do
        [ -n "$suite" ] || continue
        fetch_deb "$suite" "$name" "$version" "$sha"
        if [ "$name" = odoo-19 ]; then main=$DEB; else debs+=("$DEB"); fi
    done <<<"$DEBS"
    unpack_odoo "$main" "${debs[@]}"
    echo "$stamp" >"$CACHE/odoo.new/.stamp"
    rm -rf "$CACHE/odoo"
    mv "$CACHE/odoo.new" "$CACHE/odoo"
}
