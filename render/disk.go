package render

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// disk is the file system that kustomize sees: what may be read, and nothing to write to.
type disk struct {
	*store
	// replaced are contents that stand in the place of a file's own.
	replaced map[string][]byte
}

var _ filesys.FileSystem = (*disk)(nil)

var errReadOnly = errors.New("read-only")

func (d *disk) Create(string) (filesys.File, error)  { return nil, errReadOnly }
func (d *disk) Mkdir(string) error                   { return errReadOnly }
func (d *disk) MkdirAll(string) error                { return errReadOnly }
func (d *disk) RemoveAll(string) error               { return errReadOnly }
func (d *disk) WriteFile(string, []byte) error       { return errReadOnly }
func (d *disk) Open(string) (filesys.File, error)    { return nil, errReadOnly }
func (d *disk) Walk(string, filepath.WalkFunc) error { return errReadOnly }
func (d *disk) Glob(pattern string) ([]string, error) {
	paths, err := filepath.Glob(pattern)
	return slices.DeleteFunc(paths, func(path string) bool { return !d.Exists(path) }), err
}

func (d *disk) IsDir(path string) bool {
	_, info, err := d.resolve(path)
	return err == nil && info.IsDir()
}

func (d *disk) Exists(path string) bool {
	if _, ok := d.replaced[path]; ok {
		return true
	}
	_, _, err := d.resolve(path)
	return err == nil
}

func (d *disk) ReadDir(path string) ([]string, error) {
	path, _, err := d.resolve(path)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(path)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names, err
}

func (d *disk) CleanedAbs(path string) (filesys.ConfirmedDir, string, error) {
	if _, ok := d.replaced[path]; ok {
		return filesys.ConfirmedDir(filepath.Dir(path)), filepath.Base(path), nil
	}
	real, info, err := d.resolve(path)
	if err != nil {
		return "", "", err
	}
	if info.IsDir() {
		return filesys.ConfirmedDir(real), "", nil
	}
	return filesys.ConfirmedDir(filepath.Dir(real)), filepath.Base(real), nil
}

func (d *disk) ReadFile(path string) ([]byte, error) {
	if data, ok := d.replaced[path]; ok {
		return data, nil
	}
	data, err := d.read(path)
	if err != nil {
		return nil, fmt.Errorf("%w", err)
	}
	return data, nil
}
