# Two commands do everything on a fresh machine with only a Rust toolchain:
#   make demo    a moving crossing in the browser, messages on zenoh and on a radio
#   make test    every test
# Both call scripts/setup first, which installs what is missing and says what it does.

FOR      ?=
PORT     ?= 8080
SCENARIO ?=
UNITS    ?=
FEATURES := $(shell cat .features 2>/dev/null)
BIN      := $(or $(CARGO_TARGET_DIR),target)/debug

.PHONY: help demo test bench lint lite setup docs

help:            ## This list
	@echo "Roadside unit for vehicle-road cooperation"
	@echo
	@sed -n 's/^\([a-z]*\): *[^#]*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18
	@echo
	@echo "Options of demo: FOR=20s (ends by itself)  PORT=8080  SCENARIO=crossing_day  UNITS=3 (a corridor)"

setup:           ## Install what is missing (quick when nothing is)
	@scripts/setup build

demo: setup      ## Run a simulated crossing; open http://127.0.0.1:8080
	cargo build --workspace --bins $$(cat .features)
	$(BIN)/rsu demo --port $(PORT) $(if $(SCENARIO),--scenario $(SCENARIO)) $(if $(UNITS),--units $(UNITS)) $(if $(FOR),--for $(FOR))

test:            ## Install what is missing, then run every test
	@scripts/setup test
	cargo build --workspace --bins $$(cat .features)
	cargo test --workspace $$(cat .features) $(ARGS)

bench: setup     ## Measure; prints the tables of docs/benchmarks.md
	@scripts/bench

lint: setup      ## Formatting, clippy, documentation
	cargo fmt --all --check
	cargo clippy --workspace --all-targets $$(cat .features) -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps $$(cat .features)

lite: setup      ## Build without OpenCV and ONNX, and prove that it still speaks
	@scripts/lite
