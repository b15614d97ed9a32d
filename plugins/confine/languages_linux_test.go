package confine

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

const starterArg = "become" // the test's program takes its rights away and becomes what follows

// TestMain lets the test's program be a starter: its first argument names the folder in which the program may write.
func TestMain(m *testing.M) {
	if len(os.Args) < 4 || os.Args[1] != starterArg {
		os.Exit(m.Run())
	}
	err := Restrict(Rights{Read: []string{filepath.Dir(filepath.Dir(os.Args[3]))}, Write: []string{os.Args[2]}})
	if err == nil {
		err = syscall.Exec(os.Args[3], os.Args[3:], os.Environ())
	}
	_, _ = os.Stderr.WriteString(err.Error())
	os.Exit(1)
}

// What a connector in each language has to be able to do: threads, children, timers, files of its own, a socket in its folder,
// the network, names. Then what it must not. Each line that it prints is something that is not as it should be.
var scripts = map[string]string{
	"node": `
const fs = require("fs"), net = require("net"), path = require("path"), dns = require("dns"), os = require("os");
const { Worker } = require("worker_threads"), { execFileSync } = require("child_process"), crypto = require("crypto");
const dir = process.argv[1];
const wrong = (...what) => console.log(...what);
const refused = (what, f) => { try { f(); wrong(what); } catch (e) { if (!/EPERM|EACCES/.test(e.code + e.message)) wrong(what, e.message); } };
const serve = (where) => new Promise((done, fail) => {
  const server = net.createServer((c) => c.end("x")).on("error", fail);
  server.listen(where, () => net.connect(server.address().port ?? where, "127.0.0.1").on("data", () => { server.close(); done(); }).on("error", fail));
});
(async () => {
  const file = path.join(dir, "file");
  fs.writeFileSync(file, "x"); fs.renameSync(file, file + "2");
  await fs.promises.readFile(file + "2");
  await new Promise((done, fail) => new Worker("1", { eval: true }).on("exit", done).on("error", fail));
  if (execFileSync("/bin/sh", ["-c", "echo $((1+1))"]).toString() !== "2\n") wrong("child");
  await new Promise((done, fail) => crypto.pbkdf2("a", "b", 10, 8, "sha256", (e) => e ? fail(e) : done()));
  await dns.promises.lookup("localhost"); os.networkInterfaces(); os.cpus();
  await serve(path.join(dir, "socket")); await serve(0);
  refused("chmod", () => fs.chmodSync(file + "2", 0o777));
  refused("utimes", () => fs.utimesSync(file + "2", 1, 1));
  refused("priority of another", () => os.setPriority(process.ppid, 19));
  refused("watch", () => fs.watch("/"));
})().catch((e) => wrong("failed", e.message));
`,
	"python3": `
import os, sys, socket, subprocess, tempfile, threading, resource
dir = sys.argv[1]
def refused(what, f, *args):
    try:
        f(*args)
        print(what)
    except PermissionError:
        pass
def serve(family, where):
    server = socket.socket(family); server.bind(where); server.listen()
    client = socket.create_connection(server.getsockname()) if family == socket.AF_INET else socket.socket(family)
    if family == socket.AF_UNIX: client.connect(where)
    server.accept()[0].sendall(b"x")
    if client.recv(1) != b"x": print("nothing came")
tempfile.tempdir = dir
with tempfile.TemporaryDirectory() as t, open(os.path.join(t, "x"), "w") as f: f.write("x")
open(os.environ["SSL_CERT_FILE"]).read()
refused("what lies beside the certificates", open, os.environ["SSL_CERT_FILE"] + ".key")
file = os.path.join(dir, "file")
open(file, "w").close()
t = threading.Thread(target=lambda: None); t.start(); t.join()
if subprocess.run(["/bin/sh", "-c", "echo $((1+1))"], capture_output=True).stdout != b"2\n": print("child")
socket.getaddrinfo("localhost", 80)
serve(socket.AF_UNIX, os.path.join(dir, "socket")); serve(socket.AF_INET, ("127.0.0.1", 0))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); os.nice(1)
refused("chmod", os.chmod, file, 0o777)
refused("utime", os.utime, file, (1, 1))
refused("chown", os.chown, file, os.getuid(), os.getgid())
if hasattr(os, "setxattr"): refused("setxattr", os.setxattr, file, "user.x", b"1")
refused("limits of another", resource.prlimit, os.getppid(), resource.RLIMIT_NOFILE, (1, 1))
refused("priority of another", os.setpriority, os.PRIO_PROCESS, os.getppid(), 19)
refused("processors of another", os.sched_setaffinity, os.getppid(), {0})
if hasattr(os, "unshare"): refused("unshare", os.unshare, os.CLONE_NEWUSER)
`,
}

// TestLanguages says that Node and Python can do in their sandbox what connectors do, and none of what is refused.
func TestLanguages(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if Landlock() < CutsFilesABI || !HasFilter() {
		t.Skip("this system cannot confine a program")
	}
	flags := map[string]string{"node": "-e", "python3": "-c"}
	for name, script := range scripts {
		t.Run(name, func(t *testing.T) {
			program := realProgram(t, name)
			dir := t.TempDir()
			cmd := exec.CommandContext(t.Context(), self, starterArg, dir, program, flags[name], script, dir)
			certificates := filepath.Join(t.TempDir(), "ca.pem")
			for _, path := range []string{certificates, certificates + ".key"} {
				if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			cmd.Env = append(os.Environ(), "TMPDIR="+dir, "SSL_CERT_FILE="+certificates)
			cmd.Dir = dir
			out, err := cmd.CombinedOutput()
			if err != nil || len(out) > 0 {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// realProgram returns an interpreter's own file, not that of a script which chooses it.
func realProgram(t *testing.T, name string) string {
	t.Helper()
	ask := map[string][]string{"node": {"-p", "process.execPath"}, "python3": {"-c", "import sys; print(sys.executable)"}}[name]
	out, err := exec.CommandContext(t.Context(), name, ask...).Output()
	if err != nil {
		t.Skipf("there is no %s here: %v", name, err)
	}
	program, err := filepath.EvalSymlinks(strings.TrimSpace(string(out)))
	if err != nil {
		t.Skipf("nobody knows where %s lies: %v", name, err)
	}
	return program
}
