package host

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/landlock-lsm/go-landlock/landlock"
	"golang.org/x/sys/unix"
)

// truncateABI is the first version of Landlock that can forbid a program to truncate files.
const truncateABI = 3

// SandboxLevel returns how much of a Sandbox this system can enforce.
func SandboxLevel() Level {
	abi, _, failed := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	switch {
	case failed != 0 || abi == 0:
		return Unconfined
	case abi < truncateABI:
		return PartlyConfined
	}
	return Confined
}

// systemPaths are what programs need to run: libraries and interpreters, certificates, names, time zones, and what the
// kernel says about the machine and the program itself. Nothing else of /etc is here, and of /proc nothing about other
// processes.
var systemPaths = []string{
	"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store",
	"/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/ld.so.preload", "/etc/alternatives",
	"/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/etc/ca-certificates.conf", "/etc/crypto-policies", "/etc/gnutls",
	"/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services", "/etc/protocols",
	"/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager/resolv.conf",
	"/etc/passwd", "/etc/group", "/etc/localtime", "/etc/timezone", "/etc/os-release", "/etc/mime.types", "/etc/locale.alias",
	"/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/version", "/proc/loadavg", "/proc/uptime", "/proc/filesystems",
	"/proc/sys/kernel", "/proc/sys/vm", "/proc/sys/net/core",
	"/sys/fs/cgroup", "/sys/kernel/mm/transparent_hugepage", "/sys/devices/system/cpu",
	"/dev/zero", "/dev/random", "/dev/urandom",
}

var devicePaths = []string{"/dev/null", "/dev/full"}

// Confine gives up the rights of this process that a Sandbox does not grant, and then becomes the program that policy
// names. policy is the argument after a Sandbox's Launcher. Confine returns only if it fails.
func Confine(policy string) error {
	var c confinement
	if err := json.Unmarshal([]byte(policy), &c); err != nil {
		return fmt.Errorf("this is for reconcile's own use: %w", err)
	}
	var rules []landlock.Rule
	for _, path := range append(systemPaths, c.Read...) {
		if path, err := filepath.EvalSymlinks(path); err == nil { // paths that do not exist are ignored
			rules = append(rules, readable(path))
		}
	}
	for _, path := range devicePaths {
		rules = append(rules, landlock.RWFiles(path).IgnoreIfMissing())
	}
	rules = append(rules, landlock.RWDirs(c.Write...))
	// Later versions also forbid connecting to Unix sockets. We do not use that: a plugin that works on one kernel would
	// fail on a newer one.
	all := landlock.V8
	config := landlock.MustConfig(all.HandledAccessFS, all.Scoped)
	if err := config.BestEffort().Restrict(rules...); err != nil {
		return fmt.Errorf("confine the plugin: %w", err)
	}
	if err := syscall.Exec(c.Path, c.Args, os.Environ()); err != nil {
		return fmt.Errorf("run %s: %w", c.Path, err)
	}
	return nil
}

func readable(path string) landlock.FSRule {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return landlock.RODirs(path).IgnoreIfMissing()
	}
	return landlock.ROFiles(path).IgnoreIfMissing()
}
