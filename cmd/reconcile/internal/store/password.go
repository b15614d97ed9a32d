package store

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// What argon2id takes for a password: 19 MiB and two passes, the least that OWASP's password storage cheat sheet recommends. More
// would let a handful of log-ins at once use more memory than the screen does.
const (
	argonMemory  = 19 * 1024 // KiB
	argonPasses  = 2
	argonThreads = 1
	argonKey     = 32
	argonSalt    = 16
)

// The lengths of passwords, in characters and in bytes.
const (
	ShortestPassword = 8
	longestPassword  = 1024
)

// CheckPassword returns why a password is none that somebody may choose.
func CheckPassword(password string) error {
	switch {
	case utf8.RuneCountInString(password) < ShortestPassword:
		return mistake("the password is too short: it needs %d characters", ShortestPassword)
	case len(password) > longestPassword:
		return mistake("the password is longer than %d bytes", longestPassword)
	case strings.TrimSpace(password) != password:
		return mistake("the password begins or ends with white space, which nobody can see")
	}
	return nil
}

// hashing bounds how many passwords are hashed at once, and so the memory that log-ins take.
var hashing = make(chan struct{}, 2)

// hashPassword returns what is kept of a password: argon2id in PHC's form.
func hashPassword(password string) string {
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt) // never fails
	key := argonOf(password, salt, argonPasses, argonMemory, argonThreads, argonKey)
	code := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonPasses, argonThreads, code(salt), code(key))
}

// samePassword reports whether a password is the one of which that is kept.
func samePassword(kept, password string) (bool, error) {
	var version int
	var memory, passes uint32
	var threads uint8
	parts := strings.Split(kept, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, errors.New("what is kept of the password is no argon2id hash")
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &passes, &threads); err != nil {
		return false, fmt.Errorf("read what is kept of the password: %w", err)
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	key, keyErr := base64.RawStdEncoding.DecodeString(parts[5])
	if err := errors.Join(saltErr, keyErr); err != nil {
		return false, fmt.Errorf("read what is kept of the password: %w", err)
	}
	if version != argon2.Version || memory > 1<<20 || passes < 1 || passes > 100 || threads < 1 || len(key) < 16 {
		return false, errors.New("what is kept of the password was made in a way that this version does not know")
	}
	return subtle.ConstantTimeCompare(key, argonOf(password, salt, passes, memory, threads, uint32(len(key)))) == 1, nil
}

// argonOf hashes a password in its normal form: some keyboards type letters and their accents apart.
func argonOf(password string, salt []byte, passes, memory uint32, threads uint8, length uint32) []byte {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return argon2.IDKey([]byte(catalog.NormalText(password)), salt, passes, memory, threads, length)
}
