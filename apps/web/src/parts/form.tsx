import type { ComponentProps } from 'preact'

interface FormProps extends Omit<ComponentProps<'form'>, 'onSubmit'> {
  readonly onSubmit: () => void
}

/** A form whose answer is the page's own: the browser sends nothing and judges nothing. */
export const Form = ({ onSubmit, ...rest }: FormProps) => (
  <form
    noValidate
    onSubmit={(event) => {
      event.preventDefault()
      onSubmit()
    }}
    {...rest}
  />
)
