# The whole set-up, as one function.  Every script sources this file, and no other.
LIB_DIR=$(dirname "${BASH_SOURCE[0]}")
for part in common system odoo postgres database; do
    # shellcheck source=/dev/null
    . "$LIB_DIR/$part.sh"
done

# setup [browser]: from whatever is there to a complete environment.  Each step
# has a stamp; when all is there this takes a second.
setup() {
    take_lock
    have tar || apt_install tar || die "tar is missing; run as root: apt-get install tar"
    start_system_packages "$@"
    find_python
    step_odoo
    step_venv
    finish_system_packages
    check_libraries
    rm -rf "$CACHE/debs" "$CACHE/apt"
    find_own_server
}
