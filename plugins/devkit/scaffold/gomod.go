package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/modfile"

	"github.com/reconcilehq/reconcile/plugins/devkit/examples"
)

// Module is the module that the SDK is part of.
const Module = "github.com/reconcilehq/reconcile"

// Go returns the project of a connector in Go. Built with the SDK in a folder, it needs what that folder's go.mod needs,
// in the same versions: so it builds without asking the network. Without a folder it needs the released version.
func Go(name, sdk, version string) (Project, error) {
	files, err := fs.Sub(examples.Go, "go")
	if err != nil {
		return Project{}, err
	}
	p := Project{Name: name, Main: "main.go", files: files, made: map[string][]byte{},
		Next: []string{"go build", "go test", "reconcile run"}}
	if sdk == "" {
		p.Next = append([]string{"go mod tidy"}, p.Next...)
		p.made["go.mod"], err = releasedModule(name, version)
		return p, err
	}
	if p.made["go.mod"], err = moduleBeside(name, sdk); err != nil {
		return Project{}, err
	}
	if p.made["go.sum"], err = os.ReadFile(filepath.Join(sdk, "go.sum")); err != nil {
		return Project{}, fmt.Errorf("read the SDK's checksums: %w", err)
	}
	return p, nil
}

func moduleName(name string) string { return "example.com/reconcile-plugin-" + name }

func releasedModule(name, version string) ([]byte, error) {
	m := &modfile.File{}
	if err := errors.Join(m.AddModuleStmt(moduleName(name)), m.AddGoStmt("1.26.0"), m.AddRequire(Module, "v"+version)); err != nil {
		return nil, err
	}
	return m.Format()
}

// moduleBeside writes a go.mod that takes the SDK from its folder.
func moduleBeside(name, sdk string) ([]byte, error) {
	its, err := readModule(sdk)
	if err != nil {
		return nil, err
	}
	m := &modfile.File{}
	if err := errors.Join(m.AddModuleStmt(moduleName(name)), m.AddGoStmt(its.Go.Version), m.AddRequire(Module, "v0.0.0"),
		m.AddReplace(Module, "", filepath.ToSlash(sdk), "")); err != nil {
		return nil, err
	}
	for _, r := range its.Require {
		m.AddNewRequire(r.Mod.Path, r.Mod.Version, true)
	}
	m.SetRequireSeparateIndirect(m.Require)
	m.Cleanup()
	return m.Format()
}

// readModule reads the go.mod of a folder of the SDK's module.
func readModule(dir string) (*modfile.File, error) {
	file := filepath.Join(dir, "go.mod")
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	m, err := modfile.Parse(file, text, nil)
	if err != nil {
		return nil, err
	}
	if m.Module == nil || m.Module.Mod.Path != Module {
		return nil, fmt.Errorf("%s is not the go.mod of %s", file, Module)
	}
	return m, nil
}

// IsSDK says whether dir is the folder of reconcile's source.
func IsSDK(dir string) bool {
	_, err := readModule(dir)
	return err == nil
}
