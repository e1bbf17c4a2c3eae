/** The name of the house with its sign; the heading of a page that shows nothing else yet. */

export function Brand({ isHeading = false }: { readonly isHeading?: boolean }) {
  const sign = (
    <>
      <img src="/favicon.svg" alt="" width={28} height={28} />
      Restante
    </>
  );
  return isHeading ? <h1 class="brand">{sign}</h1> : <p class="brand">{sign}</p>;
}
