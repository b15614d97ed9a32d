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

// Go returns the project of a connector in Go. Its go.mod names the SDK's module and nothing else, and holds no path of this machine, so
// that it can be published. Where the SDK is in a folder, because its module is not released, a go.work that stays on this machine says
// so; with it the project builds without asking the network. Without a folder it needs the released version. If writes, the connector
// can change its platform.
func Go(name, sdk, version string, writes bool) (Project, error) {
	files, err := fs.Sub(examples.Go, "go")
	if err != nil {
		return Project{}, err
	}
	p := Project{Name: name, Main: "main.go", writes: writes, files: files, made: map[string][]byte{},
		Next: []string{"go build", "go test", "reconcile run"}}
	if writes {
		p.Main = "main.go and apply.go"
	}
	if sdk == "" {
		p.Next = append([]string{"go mod tidy"}, p.Next...)
		p.made["go.mod"], err = module(name, "1.26.0", version)
		return p, err
	}
	its, err := readModule(sdk)
	if err != nil {
		return Project{}, err
	}
	if p.made["go.mod"], err = module(name, its.Go.Version, "0.0.0"); err != nil {
		return Project{}, err
	}
	if p.made["go.work"], err = workspace(its.Go.Version, sdk); err != nil {
		return Project{}, err
	}
	if p.made["go.work.sum"], err = os.ReadFile(filepath.Join(sdk, "go.sum")); err != nil {
		return Project{}, fmt.Errorf("read the SDK's checksums: %w", err)
	}
	return p, nil
}

func moduleName(name string) string { return "example.com/reconcile-plugin-" + name }

// module writes a go.mod.
func module(name, language, version string) ([]byte, error) {
	m := &modfile.File{}
	if err := errors.Join(m.AddModuleStmt(moduleName(name)), m.AddGoStmt(language), m.AddRequire(Module, "v"+version)); err != nil {
		return nil, err
	}
	return m.Format()
}

// workspace writes a go.work that takes the SDK from its folder.
func workspace(language, sdk string) ([]byte, error) {
	w := &modfile.WorkFile{Syntax: &modfile.FileSyntax{}}
	if err := errors.Join(w.AddGoStmt(language), w.AddUse(".", ""), w.AddReplace(Module, "", filepath.ToSlash(sdk), "")); err != nil {
		return nil, err
	}
	return modfile.Format(w.Syntax), nil
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
