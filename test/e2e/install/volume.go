package install

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// source is where the content of volumes comes from: ConfigMaps and Secrets of the installation's namespace by name.
type source interface {
	configMap(name string) (map[string][]byte, bool)
	secret(name string) (map[string][]byte, bool)
}

// project returns the files of a volume. ok is false if something it needs is not there, so that no pod starts.
func project(volume *corev1.Volume, s source) (files map[string][]byte, ok bool, err error) {
	files = map[string][]byte{}
	add := func(data map[string][]byte, there bool, items []corev1.KeyToPath, optional *bool) bool {
		lenient := optional != nil && *optional
		if !there {
			return lenient
		}
		if len(items) == 0 {
			maps.Copy(files, data)
			return true
		}
		for _, item := range items {
			value, there := data[item.Key]
			if there {
				files[item.Path] = value
			} else if !lenient {
				return false
			}
		}
		return true
	}
	switch {
	case volume.ConfigMap != nil:
		data, there := s.configMap(volume.ConfigMap.Name)
		return files, add(data, there, volume.ConfigMap.Items, volume.ConfigMap.Optional), nil
	case volume.Secret != nil:
		data, there := s.secret(volume.Secret.SecretName)
		return files, add(data, there, volume.Secret.Items, volume.Secret.Optional), nil
	case volume.EmptyDir != nil:
		return files, true, nil
	case volume.Projected != nil:
		for i := range volume.Projected.Sources {
			part := &volume.Projected.Sources[i]
			var there bool
			switch {
			case part.ConfigMap != nil:
				data, found := s.configMap(part.ConfigMap.Name)
				there = add(data, found, part.ConfigMap.Items, part.ConfigMap.Optional)
			case part.Secret != nil:
				data, found := s.secret(part.Secret.Name)
				there = add(data, found, part.Secret.Items, part.Secret.Optional)
			default:
				return nil, false, fmt.Errorf("volume %s: this kubelet projects ConfigMaps and Secrets only", volume.Name)
			}
			if !there {
				return files, false, nil
			}
		}
		return files, true, nil
	default:
		return nil, false, fmt.Errorf("volume %s: this kubelet mounts ConfigMaps and Secrets only", volume.Name)
	}
}

// dataLink is the symbolic link by whose exchange all files of a volume change at once.
const dataLink = "..data"

// mount makes a folder hold these files as kubelet does (pkg/volume/util/atomic_writer.go): in a folder of their own,
// which a link points to, so that a reader sees all of the old ones or all of the new ones. What it sees by name are links.
func mount(folder string, files map[string][]byte) error {
	if same(folder, files) {
		return nil
	}
	before, _ := os.Readlink(filepath.Join(folder, dataLink)) // none at first
	version := ".." + strconv.FormatInt(time.Now().UnixNano(), 10)
	tops := map[string]bool{}
	if err := os.MkdirAll(filepath.Join(folder, version), 0o755); err != nil {
		return err
	}
	for name, data := range files {
		file := filepath.Join(folder, version, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			return err
		}
		top, _, _ := strings.Cut(name, "/")
		tops[top] = true
	}
	fresh := filepath.Join(folder, dataLink+"_tmp")
	if err := os.Symlink(version, fresh); err != nil {
		return err
	}
	if err := os.Rename(fresh, filepath.Join(folder, dataLink)); err != nil {
		return err
	}
	for top := range tops {
		link := filepath.Join(folder, top)
		if _, err := os.Lstat(link); err == nil {
			continue
		}
		if err := os.Symlink(filepath.Join(dataLink, top), link); err != nil {
			return err
		}
	}
	return sweep(folder, before, tops)
}

// sweep removes the files of before, and the links of what is there no more.
func sweep(folder, before string, tops map[string]bool) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := entry.Name()
		if name == before || !strings.HasPrefix(name, "..") && !tops[name] {
			if err := os.RemoveAll(filepath.Join(folder, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// same reports whether a folder holds these files already.
func same(folder string, files map[string][]byte) bool {
	data := filepath.Join(folder, dataLink)
	target, err := os.Readlink(data)
	if err != nil {
		return false
	}
	count := 0
	err = filepath.WalkDir(filepath.Join(folder, target), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(filepath.Join(folder, target), path)
		if err != nil {
			return err
		}
		held, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		wanted, ok := files[filepath.ToSlash(name)]
		if !ok || !slices.Equal(held, wanted) {
			return filepath.SkipAll
		}
		count++
		return nil
	})
	return err == nil && count == len(files)
}
