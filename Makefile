# The one front door; the CI run uses it too. `make` alone lists what there is.

export PATH := $(CURDIR)/.tools/bin:$(PATH)
.DEFAULT_GOAL := help
.PHONY: help demo test bench faults fmt lint docs build bootstrap pins

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

demo: bootstrap build ## two services from plan to destroy (ECS on a local AWS, Kubernetes played), gates, a queue (4 minutes)
	@scripts/demo

test: ## build everything and run all tests, end-to-end ones included
	@scripts/bootstrap --test
	@scripts/test

bench: bootstrap build ## measure stackjob against plain Terraform
	swift build -c release --product host-bench --static-swift-stdlib
	swift build -c release --product pulumi-bench --static-swift-stdlib
	@scripts/bench

faults: build ## do harm to workers, engines, disks, clocks and networks, and check what was promised (20 minutes)
	@scripts/faults

fmt: ## format Swift and HCL in place
	swift format --in-place --recursive --parallel Sources Tests Benchmarks Package.swift
	terraform fmt -recursive templates

lint: ## check formatting, scripts and documents without changing them
	@scripts/bootstrap --test
	@scripts/lint

docs: bootstrap ## write the documents that are made from code
	@scripts/docs

build: ## build the release binaries, .build/release/stackjob and the sandbox provider beside it
	swift build -c release --product stackjob --static-swift-stdlib
	swift build -c release --product terraform-provider-sandbox --static-swift-stdlib

bootstrap: ## install what building and the demo need
	@scripts/bootstrap

pins: ## write scripts/requirements.txt again, with hashes
	@scripts/pin-requirements
