/** The result of a request to IndexedDB; rejects with the browser's own error. */
export const answered = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('the browser keeps nothing'))
  })

/** Keeps `value` under `key` unless another window was first. */
export function putUnlessThere(store: IDBObjectStore, key: string, value: unknown): void {
  const there = store.get(key)
  there.onsuccess = () => {
    if (there.result === undefined) store.put(value, key)
  }
}

/** Resolves when all of a transaction is kept. */
export const settled = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onerror = () => reject(transaction.error ?? new Error('the browser keeps nothing'))
    transaction.onabort = transaction.onerror
  })
