package pull

import (
	"github.com/reconcilehq/reconcile/plugins/sdk/pack"
)

// Kind is a kind of records, each of which is a T.
type Kind[T any] struct {
	// Name is the kind's name, as in CopyRules.Kinds.
	Name string
	// Key makes a record's key, and Parse takes what is in it from it, after Form has read the rest.
	Key   func(*T) string
	Parse func(v *T, key string) error
	// Form goes through what is in a record beside its key: see package pack.
	Form func(*T, *pack.Record)
}

// Put puts v with put: Tracker.Put or CopyUpdate.Put.
func (k *Kind[T]) Put(put func(kind, key string, value []byte) error, v *T) error {
	return put(k.Name, k.Key(v), pack.Write(v, k.Form))
}

// Read reads a record. The error is pack.ErrDamaged, or Parse's.
func (k *Kind[T]) Read(key string, value []byte) (*T, error) {
	v := new(T)
	if err := pack.Read(value, v, k.Form); err != nil {
		return nil, err
	}
	return v, k.Parse(v, key)
}

// Into returns a function that reads a record and hands it to take.
func (k *Kind[T]) Into(take func(*T) error) func(key string, value []byte) error {
	return func(key string, value []byte) error {
		v, err := k.Read(key, value)
		if err != nil {
			return err
		}
		return take(v)
	}
}
