package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// writeCertificate writes a certificate for 127.0.0.1 and its key, and returns what trusts it.
func writeCertificate(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	is := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, is, is, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writeFiles(t, dir, map[string]string{"cert.pem": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		"key.pem": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))})
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return trusted
}

// serveWith starts the screen with flags, and returns its address and the secret of the set-up link.
func serveWith(t *testing.T, dir string, flags ...string) (at, token string) {
	t.Helper()
	cmd := program(t, dir, append([]string{"serve", "--listen", "127.0.0.1:0", "--data", "data"}, flags...)...)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	lines := bufio.NewReader(out)
	for _, pattern := range []string{`^Listening on (https?://127\.0\.0\.1:\d+)\n$`, `^Set up the first administrator: https?://127\.0\.0\.1:\d+/setup\?token=([A-Z2-7]{26})\n$`} {
		line, err := lines.ReadString('\n')
		found := regexp.MustCompile(pattern).FindStringSubmatch(line)
		if err != nil || found == nil {
			t.Fatalf("it said %q: %v\n%s", line, err, said.String())
		}
		at, token = token, found[1]
	}
	return at, token
}

// setUpAt makes the first administrator, and fails where the session could go over a line that others read.
func setUpAt(t *testing.T, client *http.Client, at, token string) {
	t.Helper()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := client.PostForm(at+"/setup", url.Values{"token": {token}, "name": {"ann"}, "password": {"a good password"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusSeeOther || len(answer.Cookies()) != 1 || !answer.Cookies()[0].Secure || !answer.Cookies()[0].HttpOnly {
		t.Errorf("%s: %v", answer.Status, answer.Cookies())
	}
}

// TestServeTLS has the server speak TLS itself.
func TestServeTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{"reconcile.hcl": servedConfig})
	trusted := writeCertificate(t, dir)
	at, token := serveWith(t, dir, "--tls-cert", filepath.Join(dir, "cert.pem"), "--tls-key", filepath.Join(dir, "key.pem"))
	if !strings.HasPrefix(at, "https://") {
		t.Fatal(at)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}}
	defer transport.CloseIdleConnections()
	setUpAt(t, &http.Client{Transport: transport}, at, token)
	if answer, err := http.Get(strings.Replace(at, "https:", "http:", 1) + "/healthz"); err == nil {
		_ = answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			t.Error("it answers without TLS")
		}
	}
}

// TestServeBehindProxy has a proxy with TLS before the server. What that says is believed, since it is named.
func TestServeBehindProxy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{"reconcile.hcl": servedConfig})
	at, token := serveWith(t, dir, "--trusted-proxy", "127.0.0.1")
	to, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewTLSServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.SetXForwarded()
		r.Out.Host = "shop.example.com"
	}})
	defer proxy.Close()
	client := proxy.Client()
	setUpAt(t, client, proxy.URL, token)
	answer, err := client.Get(proxy.URL + "/metrics") // a proxy is named: nobody is let in for being on this machine
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("/metrics: %s", answer.Status)
	}
}
