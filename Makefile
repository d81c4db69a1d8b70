# Build, test and run. `make help` lists the targets.

SHELL      := /bin/bash
.DEFAULT_GOAL := all

B          ?= build
PY         := /usr/bin/python3
CCACHE     := $(shell command -v ccache 2>/dev/null)
CC         := gcc
NGX_SRC    ?= /usr/share/nginx/src
JOBS       ?= $(shell nproc)
# system tests wait more than they compute
TEST_JOBS  ?= $(shell echo $$(($(JOBS) + 1)))

# SAN=1 builds everything with AddressSanitizer and UBSan.
SAN        ?=
COV        ?=
OPT        ?= -O2 -g
SANFLAGS   :=
ifneq ($(SAN),)
OPT        := -O1 -g -fno-omit-frame-pointer
SANFLAGS   := -fsanitize=address,undefined -fno-sanitize-recover=undefined
endif
ifneq ($(COV),)
OPT        := -O0 -g
SANFLAGS   := --coverage
endif

WARN       := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes \
              -Wmissing-prototypes -Wpointer-arith -Wwrite-strings \
              -Wno-unused-parameter
CPPFLAGS   += -D_GNU_SOURCE -D_FORTIFY_SOURCE=2 -Ishared -I$(B)/gen
CFLAGS     += -std=c11 $(OPT) $(WARN) -fPIC -fvisibility=hidden \
              -fstack-protector-strong $(SANFLAGS)
ifneq ($(SAN)$(COV),)
CPPFLAGS   := $(filter-out -D_FORTIFY_SOURCE=2,$(CPPFLAGS))
endif
WCPPFLAGS  := $(CPPFLAGS) -Iworker -Iworker/engine -Iworker/aws -Iworker/tasks \
              $(shell xml2-config --cflags 2>/dev/null)
LDFLAGS    += $(SANFLAGS) -Wl,-z,relro,-z,now
SHARED_LIBS := -ljansson -lcrypto -lcrypt -lutf8proc
WORKER_LIBS := -lm -lhiredis -lcurl -lssl -ljwt -linih -lxml2 -lpthread \
              $(SHARED_LIBS)

SHARED_SRC := $(sort $(wildcard shared/*.c))
WORKER_SRC := $(sort $(wildcard worker/*.c worker/engine/*.c worker/aws/*.c \
                worker/tasks/*.c))
WORKER_LIBSRC := $(filter-out worker/main.c,$(WORKER_SRC))
DRSCTL_SRC := $(sort $(wildcard drsctl/*.c))
UNIT_SRC   := $(sort $(wildcard tests/unit/test_*.c))
TOOL_SRC   := $(sort $(wildcard tests/tools/*.c))
MODEL_SRC  := $(sort $(wildcard tests/model/model_*.c))

SHARED_OBJ := $(SHARED_SRC:%.c=$(B)/obj/%.o)
WORKER_OBJ := $(WORKER_LIBSRC:%.c=$(B)/obj/%.o)
DRSCTL_OBJ := $(filter-out %/drsctl_main.o,$(DRSCTL_SRC:%.c=$(B)/obj/%.o))
LIBDRS     := $(B)/libdrs.a
LIBDRSCTL  := $(B)/libdrsctl.a
LIBWORKER  := $(B)/libdrsworker.a
UNIT_BIN   := $(UNIT_SRC:tests/unit/%.c=$(B)/unit/%)
TOOL_BIN   := $(TOOL_SRC:tests/tools/%.c=$(B)/tools/%)
MODEL_BIN  := $(MODEL_SRC:tests/model/%.c=$(B)/model/%)
MODULE     := $(B)/ngx_http_drs_module.so
LUA        := $(B)/gen/drs.lua
LUA_H      := $(B)/gen/drs_lua_gen.h

.PHONY: all help deps module worker drsctl tools unit-build unit system simulator-test \
        test lint format checks asan coverage fuzz fuzz-coverage fuzz-smoke model model-long chaos scenarios \
        bench bench-scale demo docs-site npm-audit console console-test console-browser console-bench up down status clean

all: module worker drsctl tools ## build module, worker and tools into build/

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | \
	  sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 20

deps: ## install every package needed (Debian 12 or 13, root or sudo)
	@scripts/deps.sh

# -- libraries and daemon --------------------------------------------------

$(LUA): $(sort $(wildcard shared/redis/parts/*.lua)) shared/redis/drs_sm.lua \
        scripts/build_lua.py
	@mkdir -p $(@D)
	$(PY) scripts/build_lua.py $@ $(LUA_H)

$(LUA_H): $(LUA)
	@:

$(B)/obj/shared/%.o: shared/%.c
	@mkdir -p $(@D)
	$(CCACHE) $(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/obj/drsctl/%.o: drsctl/%.c
	@mkdir -p $(@D)
	$(CCACHE) $(CC) $(CPPFLAGS) -Idrsctl $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/obj/worker/%.o: worker/%.c | $(LUA_H)
	@mkdir -p $(@D)
	$(CCACHE) $(CC) $(WCPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(LIBDRS): $(SHARED_OBJ)
	@rm -f $@
	ar rcs $@ $^

$(LIBWORKER): $(WORKER_OBJ)
	@rm -f $@
	ar rcs $@ $^

$(LIBDRSCTL): $(DRSCTL_OBJ)
	@rm -f $@
	ar rcs $@ $^

drsctl: $(B)/drsctl ## build the command line client only
$(B)/drsctl: $(B)/obj/drsctl/drsctl_main.o $(LIBDRSCTL) $(LIBDRS)
	$(CC) $(LDFLAGS) -o $@ $^ -lcurl $(SHARED_LIBS)

worker: $(B)/drs-worker ## build the daemon only
$(B)/drs-worker: $(B)/obj/worker/main.o $(LIBWORKER) $(LIBDRS)
	$(CC) $(LDFLAGS) -o $@ $^ $(WORKER_LIBS)

# -- nginx module ------------------------------------------------------------

module: $(MODULE) ## build the nginx module only
MODULE_SRC := $(sort $(wildcard ngx_module/*.c ngx_module/api/*.c)) $(SHARED_SRC)

# a file that came or went changes what configure has to list
$(B)/ngx/sources: FORCE
	@mkdir -p $(B)/ngx
	@echo '$(MODULE_SRC)' | cmp -s - $@ || echo '$(MODULE_SRC)' > $@

FORCE:

$(B)/ngx/Makefile: config scripts/configure_module.sh $(B)/ngx/sources \
        $(wildcard ngx_module/*.h ngx_module/api/*.h shared/*.h) Makefile
	@mkdir -p $(B)/ngx
	SANFLAGS="$(SANFLAGS)" OPT="$(OPT)" CCACHE="$(CCACHE)" \
	  scripts/configure_module.sh $(abspath $(B)/ngx) $(NGX_SRC)

$(MODULE): $(B)/ngx/Makefile $(SHARED_SRC) \
        $(wildcard ngx_module/*.c ngx_module/api/*.c ngx_module/*.h \
          ngx_module/api/*.h shared/*.h) openapi/drs.yaml
	$(MAKE) --no-print-directory -f $(abspath $(B)/ngx)/Makefile -C $(NGX_SRC) modules
	install -m 755 $(B)/ngx/ngx_http_drs_module.so $@

# -- tests -------------------------------------------------------------------

tools: $(TOOL_BIN)
$(B)/tools/%: tests/tools/%.c $(LIBWORKER) $(LIBDRS)
	@mkdir -p $(@D)
	$(CCACHE) $(CC) $(WCPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@.o $<
	$(CC) $(LDFLAGS) -o $@ $@.o $(LIBWORKER) $(LIBDRS) $(WORKER_LIBS)

unit-build: $(UNIT_BIN)
$(B)/unit/test_drsctl_%: tests/unit/test_drsctl_%.c $(LIBDRSCTL) $(LIBDRS)
	@mkdir -p $(@D)
	$(CCACHE) $(CC) $(CPPFLAGS) -Idrsctl $(CFLAGS) -MMD -MP -c -o $@.o $<
	$(CC) $(LDFLAGS) -o $@ $@.o $(LIBDRSCTL) $(LIBDRS) -lcurl \
	  $(SHARED_LIBS) -lcmocka

$(B)/unit/%: tests/unit/%.c $(LIBWORKER) $(LIBDRS)
	@mkdir -p $(@D)
	$(CCACHE) $(CC) $(WCPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@.o $<
	$(CC) $(LDFLAGS) -o $@ $@.o $(LIBWORKER) $(LIBDRS) $(WORKER_LIBS) -lcmocka

unit: unit-build ## run the unit tests
	@scripts/run_unit.sh $(UNIT_BIN)

$(B)/model/%: tests/model/%.c $(LIBWORKER) $(LIBDRS)
	@mkdir -p $(@D)
	$(CCACHE) $(CC) $(WCPPFLAGS) $(CFLAGS) -Itests/unit -MMD -MP -c -o $@.o $<
	$(CC) $(LDFLAGS) -o $@ $@.o $(LIBWORKER) $(LIBDRS) $(WORKER_LIBS) -lcmocka

model: $(MODEL_BIN) ## explore the launch protocol's real decision code
	@for m in $(MODEL_BIN); do $$m || exit 1; done

model-long: $(MODEL_BIN) ## the same, and a million random sequences of events
	@$(B)/model/model_launch && $(B)/model/model_sequences 1000000

system: all ## system tests over real nginx, Redis, worker and simulator
	DRS_BUILD=$(abspath $(B)) $(PY) -m pytest -q -n $(TEST_JOBS) --dist loadfile \
	  -p no:cacheprovider --reruns 1 -rR tests/simulator tests/system tests/chaos

checks: all ## tables, documents and symbols agree
	@B=$(B) scripts/checks.sh

test: ## everything a contributor must pass, on a fresh machine
	@scripts/test.sh

lint: ## formatter, static analysis, dependency direction, Python
	@B=$(B) scripts/lint.sh

format: ## format the C sources
	@scripts/format.sh

asan: ## unit and system tests under AddressSanitizer and UBSan
	@scripts/asan.sh

coverage: ## line coverage of the unit tests
	@scripts/coverage.sh

fuzz: ## libFuzzer, FUZZ_SECONDS each (default 600)
	@B=$(B) FUZZ_SECONDS=$${FUZZ_SECONDS:-600} scripts/fuzz.sh

fuzz-coverage: ## line coverage of what fuzzing has reached so far
	@B=$(B) FUZZ_COVERAGE=1 scripts/fuzz.sh

# the same random numbers each time: what it finds, it finds again
fuzz-smoke:
	@B=$(B) FUZZ_SECONDS=2 FUZZ_SEED=1 scripts/fuzz.sh

scenarios: all ## acceptance scenarios with pages of one element, and the large one
	DRS_BUILD=$(abspath $(B)) DRS_PAGES=1 $(PY) -m pytest -q -n $(JOBS) \
	  --dist loadfile -p no:cacheprovider -rR tests/system/test_scenarios_*.py
	DRS_BUILD=$(abspath $(B)) $(PY) -m pytest -q -s -p no:cacheprovider \
	  tests/scenarios

CHAOS_RUNS ?= 900
CHAOS_W6   ?= 100
CHAOS_SEED ?= 1
chaos: all ## crash runs: CHAOS_RUNS of W1, CHAOS_W6 of W6, CHAOS_SEED
	DRS_BUILD=$(abspath $(B)) $(PY) tests/chaos/run.py --runs $(CHAOS_RUNS) \
	  --w6 $(CHAOS_W6) --seed $(CHAOS_SEED)

bench: all ## benchmarks; ratios in build/bench/summary.json
	DRS_BUILD=$(abspath $(B)) $(PY) tests/bench/run.py

.PHONY: bench-engine
bench-engine: all ## whole runs: makespan, gaps, calls; W=W3 for some
	DRS_BUILD=$(abspath $(B)) W="$(W)" $(PY) tests/bench/engine.py

bench-scale: all ## lists and details of a large store
	DRS_BUILD=$(abspath $(B)) $(PY) tests/bench/scale.py

# -- page that shows openapi/drs.yaml; needs npm, nothing else here does ---------

DOCS_FILES := index.html docs.css docs.js
DOCS_DIST  := swagger-ui-bundle.js swagger-ui.css favicon-32x32.png LICENSE NOTICE

docs-site: $(B)/docs-site/index.html ## build the page /docs (needs npm)
$(B)/docs-site/index.html: $(wildcard frontend-docs/*)
	@mkdir -p $(B)/docs-npm $(B)/docs-site
	cp frontend-docs/package.json frontend-docs/package-lock.json $(B)/docs-npm
	cd $(B)/docs-npm && npm ci --ignore-scripts --no-audit --no-fund
	cd $(B)/docs-npm/node_modules/swagger-ui-dist && \
	  cp $(DOCS_DIST) $(abspath $(B))/docs-site
	cp $(DOCS_FILES:%=frontend-docs/%) $(B)/docs-site

# -- web console; Node comes with its packages, npm from the machine --------------

CONSOLE_NODE := frontend/node_modules/.node
CONSOLE_SRC  := $(shell find frontend/src frontend/public -type f 2>/dev/null) \
                $(wildcard frontend/*.ts frontend/*.json frontend/index.html)

$(CONSOLE_NODE): frontend/package.json frontend/package-lock.json
	cd frontend && npm ci --ignore-scripts --no-audit --no-fund --prefer-offline
	ln -sf "$$(cd frontend && ls -d node_modules/node-linux-*/bin/node | \
	  sed s,node_modules/,,)" $@
	@touch -h $@

frontend/src/api/schema.d.ts: openapi/drs.yaml $(CONSOLE_NODE)
	cd frontend && node_modules/.node node_modules/.bin/openapi-typescript \
	  ../openapi/drs.yaml --default-non-nullable false -o src/api/schema.d.ts > /dev/null

console: $(B)/console/index.html ## build the web console (needs npm)
$(B)/console/index.html: frontend/src/api/schema.d.ts $(CONSOLE_SRC)
	cd frontend && DRS_CONSOLE_OUT=$(abspath $(B))/console \
	  node_modules/.node node_modules/vite/bin/vite.js build --logLevel warn

# every text in a language that nobody speaks: for all journeys, or pseudo
CONSOLE_PSEUDO := $(if $(and $(JOURNEYS),$(if $(filter pseudo,$(JOURNEYS)),,other)),,$(B)/console-pseudo/index.html)

$(B)/console-pseudo/index.html: frontend/src/api/schema.d.ts $(CONSOLE_SRC) frontend/tests/tools/pseudo.ts
	cd frontend && DRS_CONSOLE_PSEUDO=1 DRS_CONSOLE_OUT=$(abspath $(B))/console-pseudo \
	  node_modules/.node node_modules/vite/bin/vite.js build --logLevel warn

console-test: frontend/src/api/schema.d.ts ## types, lint and unit tests of the console
	cd frontend && node_modules/.node node_modules/typescript/bin/tsc --noEmit
	cd frontend && node_modules/.node node_modules/.bin/eslint .
	cd frontend && node_modules/.node node_modules/vitest/vitest.mjs run

console-browser: all console $(CONSOLE_PSEUDO) ## journeys in a real browser against a real stack; JOURNEYS="journeys runs": some
	cd frontend && DRS_BUILD=$(abspath $(B)) DRS_SHOTS=$(abspath $(B))/console-shots \
	  node_modules/.node node_modules/vitest/vitest.mjs run --config vitest.browser.config.ts $(JOURNEYS)

npm-audit: ## known vulnerabilities of npm packages, as the registry tells them
	@scripts/npm_audit.py

console-bench: all console ## how fast the console is, in a real browser; BENCH=runs: some
	cd frontend && DRS_BUILD=$(abspath $(B)) \
	  node_modules/.node node_modules/vitest/vitest.mjs run --config vitest.bench.config.ts $(BENCH)

# -- development stack ---------------------------------------------------------

# deps first and the build in a make of its own: what it asks of the machine
# (compilers, library flags) is there only then
demo: ## a whole recovery drill, from nothing
	@$(MAKE) --no-print-directory deps
	@echo "building"
	@$(MAKE) -s --no-print-directory -j$(JOBS) all
	@DRS_BUILD=$(abspath $(B)) $(PY) scripts/demo.py

up: all ## start the development stack in run/
	@DRS_BUILD=$(abspath $(B)) $(PY) scripts/stack.py up

down: ## stop it
	@DRS_BUILD=$(abspath $(B)) $(PY) scripts/stack.py down

status: ## show it
	@DRS_BUILD=$(abspath $(B)) $(PY) scripts/stack.py status

clean: ## remove build/
	rm -rf $(B)

-include $(shell find $(B)/obj $(B)/unit $(B)/tools $(B)/model -name '*.d' \
             2>/dev/null)
