package confine

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/landlock-lsm/go-landlock/landlock"
	"golang.org/x/sys/unix"
)

// Landlock returns the version of Landlock that this system has; 0: none.
func Landlock() int {
	abi, _, failed := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if failed != 0 {
		return 0
	}
	return int(abi)
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

// quietPaths are the same for a program that is Alone, and written in Go: what it needs of the system while it runs.
var quietPaths = []string{"/usr", "/nix/store", "/gnu/store", "/etc/static", "/etc/localtime", "/dev/urandom"}

// internetPaths are what such a program needs to find others and to know who they are. Built with a C compiler at hand, it may ask the
// system's library for names, which has parts that are loaded when they are needed.
var internetPaths = []string{"/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf",
	"/etc/services", "/etc/protocols", "/etc/gai.conf", "/run/systemd/resolve", "/run/resolvconf", "/proc/sys/net/core",
	"/lib", "/lib64", "/etc/ld.so.cache"}

// certificates are the variables that name files, or lists of folders, with certificates.
var certificates = []string{"SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"}

// systemSockets are where the names of hosts and users are asked for.
var systemSockets = []string{"/run/systemd/resolve", "/run/nscd", "/var/run/nscd"}

var devicePaths = []string{"/dev/null", "/dev/full"}

// Restrict gives up all rights of this process that r does not name. What the system cannot take away stays: that is no error. A process
// that is Alone calls it once: the threads cannot be told of a second time.
func Restrict(r Rights) error {
	if err := restrictFiles(r); err != nil {
		return err
	}
	if !HasFilter() {
		return nil
	}
	if err := loadFilter(refusals(r)); err != nil {
		return fmt.Errorf("load the filter of system calls: %w", err)
	}
	return nil
}

func restrictFiles(r Rights) error {
	var rules []landlock.Rule
	system := systemPaths
	if r.Alone {
		system = quietPaths
		if r.Network != NoNetwork {
			system = slices.Concat(quietPaths, internetPaths)
		}
	}
	for _, variable := range certificates {
		system = append(system[:len(system):len(system)], filepath.SplitList(os.Getenv(variable))...)
	}
	for _, path := range system {
		rules = appendReadable(rules, path, false)
	}
	for _, path := range r.Read {
		rules = appendReadable(rules, path, !r.Alone)
	}
	for _, path := range devicePaths {
		rules = append(rules, landlock.RWFiles(path).IgnoreIfMissing())
	}
	sockets := r.Sockets
	if r.Network == AnyNetwork {
		sockets = slices.Concat(sockets, systemSockets)
	}
	for _, path := range sockets {
		rules = appendReadable(rules, path, true)
	}
	rules = append(rules, landlock.RWDirs(r.Write...).WithResolveUnix())
	all := landlock.V9
	config := landlock.Config{HandledAccessFS: all.HandledAccessFS, Scoped: all.Scoped}
	if err := config.BestEffort().Restrict(rules...); err != nil {
		return fmt.Errorf("restrict which files may be used: %w", err)
	}
	return nil
}

// appendReadable adds the rule that path may be read, if it exists, and that sockets in it may be connected to.
func appendReadable(rules []landlock.Rule, path string, sockets bool) []landlock.Rule {
	info, err := os.Stat(path)
	if err != nil {
		return rules
	}
	rule := landlock.ROFiles(path) // of what a link leads to
	if info.IsDir() {
		rule = landlock.RODirs(path)
	}
	if sockets {
		rule = rule.WithResolveUnix()
	}
	return append(rules, rule.IgnoreIfMissing())
}
