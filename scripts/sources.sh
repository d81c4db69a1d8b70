# The C files under lint and format; sourced by other scripts.
c_sources() {
    git ls-files --cached --others --exclude-standard \
        'shared/*.[ch]' 'worker/*.[ch]' 'ngx_module/*.[ch]' 'drsctl/*.[ch]' \
        'tests/*.[ch]'
}
